@echo off
rem Starts the sardonyx command line with the Java beside it, if it came with one, or that of JAVA_HOME or
rem the PATH. Honours JAVA_OPTS.
setlocal

set "home=%~dp0.."
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if exist "%home%\jre\bin\java.exe" set "java=%home%\jre\bin\java"

rem 17.0.15 and 25 give 17 and 25; 1.8.0 gives 1.
set "version="
for /f "tokens=3" %%v in ('cmd /c ""%java%" -version 2>&1" ^| findstr /c:" version "') do (
  for /f "delims=." %%n in ("%%~v") do set "version=%%n"
)
if not defined version (
  echo sardonyx: no Java at "%java%"; install JDK 17 or newer, or set JAVA_HOME 1>&2
  exit /b 1
)
if %version% lss 17 (
  echo sardonyx: "%java%" is Java %version%; JDK 17 or newer is needed 1>&2
  exit /b 1
)
set "flags=--enable-native-access=ALL-UNNAMED"
rem Only newer JDKs know this flag, and only they warn without it.
if %version% geq 23 set "flags=%flags% --sun-misc-unsafe-memory-access=allow"

rem No telemetry; idle OpenMP and OpenBLAS threads sleep instead of spinning against each other.
if not defined ORT_DISABLE_TELEMETRY set "ORT_DISABLE_TELEMETRY=1"
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=passive"
if not defined OPENBLAS_THREAD_TIMEOUT set "OPENBLAS_THREAD_TIMEOUT=4"

rem Classes as the JVM keeps them in memory. A JVM that they do not fit says nothing and reads the jars.
set "archive="
if exist "%home%\lib\sardonyx.jsa" (
  set flags=%flags% -Xshare:auto -Xlog:cds*=off
  set archive="-XX:SharedArchiveFile=%home%\lib\sardonyx.jsa"
)
rem This shell cannot tell which streams are terminals; without -Dsardonyx.terminals Java is asked.
for %%j in ("%home%\lib\sardonyx-samples-*.jar") do set "jar=%%~fj"

"%java%" %flags% %archive% %JAVA_OPTS% -cp "%jar%" dev.sardonyx.samples.Sardonyx %*
exit /b %errorlevel%

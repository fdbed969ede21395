package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One export at a time changes which data a folder's models refer to. */
class FolderLockTest {
  @TempDir private Path folder;

  /** Links stand for bind mounts, which only root can make. */
  @Test
  void aFolderUnderSeveralPathsIsLockedOnce() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real"));
    List<FutureTask<Boolean>> waiting = new ArrayList<>();
    CountDownLatch started = new CountDownLatch(5);
    AtomicBoolean held = new AtomicBoolean(true);
    try (FolderLock lock = FolderLock.of(real)) {
      for (int i = 0; i < 5; i++) {
        Path link = Files.createSymbolicLink(folder.resolve("link" + i), real);
        FutureTask<Boolean> task =
            new FutureTask<>(
                (Callable<Boolean>)
                    () -> {
                      started.countDown();
                      try (FolderLock other = FolderLock.of(link)) {
                        return held.get();
                      }
                    });
        waiting.add(task);
        new Thread(task, "link" + i).start();
      }
      started.await();
      Thread.sleep(20);
      held.set(false);
    }
    for (FutureTask<Boolean> task : waiting) {
      assertFalse(task.get(), "it waits for the end of the other");
    }
    try (Stream<Path> left = Files.list(real)) {
      assertEquals(List.of(), left.toList(), "no lock is left");
    }
  }

  /** As where others may write into files of a folder, but not remove them. */
  @Test
  void aLockThatCannotBeRemovedServesTheNextExport() throws Exception {
    Path real = Files.createDirectory(folder.resolve("kept"));
    Path file = Files.createFile(real.resolve(".sardonyx.lock"));
    Set<PosixFilePermission> before = Files.getPosixFilePermissions(real);
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assumeFalse(Files.isWritable(real), "root may remove any file");
      for (int i = 0; i < 2; i++) {
        try (FolderLock lock = FolderLock.of(real)) {
          assertEquals(0, Files.size(file), "no mark, which would make the next one wait or fail");
        }
      }
      assertEquals(0, Files.size(file));
    } finally {
      Files.setPosixFilePermissions(real, before);
    }
  }
}

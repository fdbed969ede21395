package dev.sardonyx.samples.report;

/** Something under a heading of a report. */
public sealed interface ReportPart
    permits Remark, FactList, DataTable, Chart, CountMatrix, PictureList {}

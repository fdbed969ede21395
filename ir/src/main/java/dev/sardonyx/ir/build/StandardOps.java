package dev.sardonyx.ir.build;

/** The typed methods of all themes. */
public interface StandardOps
    extends ActivationOps,
        ControlFlowOps,
        ConvolutionOps,
        IndexingOps,
        LogicOps,
        MathOps,
        NormalizationOps,
        PoolingOps,
        QuantizationOps,
        ReductionOps,
        SequenceModelOps,
        ShapeOps {}

"""How good scores are, as plain functions; beside them what an agreement says of scores and of time."""

from __future__ import annotations

from .counts import ScoreCounts
from .quality import (
    CalibrationBins,
    PrecisionRecall,
    Roc,
    average_precision,
    brier_decomposition,
    brier_score,
    brier_two_category,
    calibration_bins,
    expected_calibration_error,
    hanley_mcneil_variance,
    interpolated_precision,
    log_loss,
    maximum_calibration_error,
    precision_at,
    precision_recall_curve,
    r_precision,
    roc_auc,
    roc_auc_variance,
    roc_curve,
    root_mean_square_calibration_error,
)

__all__ = [
    "CalibrationBins",
    "PrecisionRecall",
    "Roc",
    "ScoreCounts",
    "average_precision",
    "brier_decomposition",
    "brier_score",
    "brier_two_category",
    "calibration_bins",
    "expected_calibration_error",
    "hanley_mcneil_variance",
    "interpolated_precision",
    "log_loss",
    "maximum_calibration_error",
    "precision_at",
    "precision_recall_curve",
    "r_precision",
    "roc_auc",
    "roc_auc_variance",
    "roc_curve",
    "root_mean_square_calibration_error",
]

"""What the flags and methods of a table of metrics mean, in words. Nothing is computed here."""

SPARSE_BELOW = 20
"""With fewer decisions than this to rest on, an estimate is flagged ``sparse``."""

FLAGS = {
    "no_decisions": "there is no decision to measure",
    "all_missing": "the auto tag is missing from every decision, and absent auto tags were to be left out",
    "no_positives": "no human tag is on",
    "no_negatives": "no human tag is off",
    "no_predicted_positives": "no auto tag is on",
    "no_predicted_negatives": "no auto tag is off",
    "not_estimable": "no content that auto left unflagged was reviewed, so what auto missed cannot be told (of a "
    "sampling plan also: a stratum has no review); review some of it",
    "single_class": "one class only: where a side never varies, agreement cannot be told from chance",
    "sparse": f"rests on fewer than {SPARSE_BELOW} decisions of the kind it is about: read the interval",
    "no_rest": "there is no other slice to compare with",
    "contradicted": "the share observed is below 1 - specificity, or above the sensitivity (of all, of what auto "
    "flagged, or of the rest): mistakes alone would give more, so nothing is left to estimate; these rates do not fit "
    "these decisions, or there are too few of them",
    "clipped": "the correction for mistakes of reviewers went below 0 or above 1 and was cut there: what they found is "
    "what mistakes alone could give",
    "nonresponse": "not all that was drawn has a decision; those that have stand for their stratum, which holds where "
    "the others are like them",
    "unidentified": "so few reviewers of an item do not tell how often they err; three tell it, or two where strata "
    "differ in how common the tag is",
    "collapsed": "a stratum with a single review tells no variance and was joined with its neighbour for the interval",
}
"""Every flag with its meaning in words."""

_SHARES = {
    "wilson": "Wilson score interval",
    "wilson_transformed": "Wilson score interval of the proportion that the metric is an exact function of",
    "wilson_chance_held": "Wilson score interval of the observed agreement with chance agreement held, "
    "where auto and human agree always or never and the standard error is zero",
    "exact": "Clopper-Pearson interval",
    "exact_transformed": "Clopper-Pearson interval of the proportion that the metric is an exact function of",
    "exact_chance_held": "Clopper-Pearson interval of the observed agreement with chance agreement held, "
    "where auto and human agree always or never and the standard error is zero",
}
CENSUS = "census"
"""The method where nothing is left to be drawn."""

_KINDS = {
    "cluster": "by cluster (such as reviewer), whose decisions are alike",
    "hajek": "of weighted shares (Hajek), with strata and finite population where they are given",
    "hajek_cluster": "of weighted shares (Hajek), by cluster",
}
METHODS = {
    **_SHARES,
    CENSUS: "a single point: every decision that the estimate is about was made, so no sampling leaves doubt",
    "large_sample": "large-sample standard error of the coefficient",
    "delta": "delta method",
    **{
        f"{kind}_{name}": f"{words}, {how}: with the effective sample size and a quantile of t"
        for kind, how in _KINDS.items()
        for name, words in _SHARES.items()
    },
    **{f"{kind}_linearised": f"linearised variance {how}, with a quantile of t" for kind, how in _KINDS.items()},
    "stratified_score": "score interval of a share from the strata of a sampling plan, with weights and finite "
    "population: Wilson's, taken from one stratum to several",
    "stratified_score_transformed": "the same, of the share that the metric is an exact function of",
    "dawid_skene_score": "score interval of a share from the strata of a sampling plan, items being on as likely as "
    "the answers of several reviewers make it (Dawid and Skene 1979), with what had to be learnt of their errors",
    "dawid_skene_score_transformed": "the same, of the share that the metric is an exact function of",
    "rogan_gladen": "corrected for mistakes of reviewers (Rogan and Gladen 1978): the intervals of the share and of "
    "their sensitivity and specificity, joined by square-and-add",
    "rogan_gladen_delta": "of counts corrected for mistakes of reviewers, linearised on the logit scale",
    "bootstrap": "percentiles of 1,000 resamples of the decisions",
    **{f"{kind}_bootstrap": f"percentiles of 1,000 resamples, {how}" for kind, how in _KINDS.items()},
}
"""Every interval method with its meaning in words. Those that name no cluster treat decisions as independent draws."""

namespace Cluster.Compute.Steps;

/// <summary>What a step's logits have to do with the kept ones that steps are compared with.</summary>
public enum BaselineUse
{
    None,

    /// <summary>They are kept, in place of any kept before.</summary>
    Keep,

    /// <summary>They are compared with the kept ones, row by row.</summary>
    Compare,
}

namespace Cluster.Model.Sharding;

/// <summary>One reason against a plan, with a line for the user that names what was asked and what the model has.</summary>
public sealed record ShardPlanRefusal(ShardPlanRefusalReason Reason, string Message);

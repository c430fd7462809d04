namespace Cluster.Coordinator.Planning;

/// <summary>One reason why there is no plan.</summary>
/// <param name="Reason">What it is about.</param>
/// <param name="Message">One line for the user: what is needed and what there is.</param>
internal sealed record PlanRefusal(PlanRefusalReason Reason, string Message);

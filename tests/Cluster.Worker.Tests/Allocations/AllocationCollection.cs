namespace Cluster.Worker.Tests.Allocations;

/// <summary>Tests that count the process's allocations run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationCollection
{
    public const string Name = "Allocations";
}

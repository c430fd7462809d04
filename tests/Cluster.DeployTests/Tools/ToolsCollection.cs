namespace Cluster.DeployTests.Tools;

/// <summary>Tests that use the scripts or Helm; they are installed once, before the first.</summary>
[CollectionDefinition(Name)]
public sealed class ToolsCollection : ICollectionFixture<NodeChecks>
{
    public const string Name = "tools";
}

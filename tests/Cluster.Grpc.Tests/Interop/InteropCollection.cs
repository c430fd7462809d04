namespace Grpc.Tests.Interop;

/// <summary>The tests that need Node.js packages.</summary>
[CollectionDefinition(Name)]
public sealed class InteropCollection : ICollectionFixture<NodePackages>
{
    public const string Name = "interop";
}

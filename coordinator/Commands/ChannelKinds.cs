using Cluster.Protos.V1;

namespace Cluster.Coordinator.Commands;

/// <summary>What can carry activations, as it is written on the command line.</summary>
internal static class ChannelKinds
{
    public static IReadOnlyDictionary<string, ChannelKind> ByName { get; } = new Dictionary<string, ChannelKind>
    {
        ["auto"] = ChannelKind.Automatic,
        ["socket"] = ChannelKind.Socket,
        ["grpc"] = ChannelKind.Grpc,
    };

    public static string NameOf(ChannelKind kind) => ByName.First(channel => channel.Value == kind).Key;
}

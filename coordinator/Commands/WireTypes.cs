using Cluster.Protos.V1;

namespace Cluster.Coordinator.Commands;

/// <summary>Formats that activations can travel in, as they are written on the command line.</summary>
internal static class WireTypes
{
    public static IReadOnlyDictionary<string, WireFormat> ByName { get; } = new Dictionary<string, WireFormat>
    {
        ["f32"] = WireFormat.F32,
        ["f16"] = WireFormat.F16,
        ["q8_0"] = WireFormat.Q80,
    };

    public static string NameOf(WireFormat format) => ByName.First(type => type.Value == format).Key;
}

using Cluster.Protos.V1;

namespace Cluster.Worker.Collectives.Wire;

/// <summary>The formats by what a plan calls them.</summary>
internal static class WireFormats
{
    /// <summary>Null for a number that this version does not know.</summary>
    public static IWireFormat? Find(WireFormat format) => format switch
    {
        WireFormat.F32 => new F32WireFormat(),
        WireFormat.F16 => new F16WireFormat(),
        WireFormat.Q80 => new Q8_0WireFormat(),
        _ => null,
    };
}

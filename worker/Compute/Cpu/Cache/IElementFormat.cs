using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>A cache type whose elements stand alone and are computed with as f32.</summary>
internal unsafe interface IElementFormat
{
    static abstract TensorType Type { get; }

    /// <summary>Bytes of an element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>Decodes any number of elements.</summary>
    static abstract void Unpack(byte* packed, float* elements, int count);
}

using System.Runtime.InteropServices;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Cpu.Elementwise;

/// <summary>A tensor's bytes in native memory, mapped or to be copied.</summary>
internal sealed unsafe class ArrayWeights(byte[] bytes, bool isMapped) : IWeightReader, IDisposable
{
    private readonly byte* _memory = Copy(bytes);

    public void Read(long offset, Span<byte> destination) => new ReadOnlySpan<byte>(_memory + offset, destination.Length).CopyTo(destination);

    public bool TryMap(out byte* data)
    {
        data = isMapped ? _memory : null;
        return isMapped;
    }

    public void Dispose() => NativeMemory.Free(_memory);

    private static byte* Copy(byte[] bytes)
    {
        var memory = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return memory;
    }
}

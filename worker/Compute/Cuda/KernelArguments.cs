using System.Collections;
using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cuda;

/// <summary>
/// Values for a kernel's parameters, in their order, copied; written as <c>new KernelArguments { a, b }</c>. Sizes must be those of the
/// parameters. Must stay where it is between <see cref="WritePointers"/> and the launch.
/// </summary>
internal unsafe struct KernelArguments : IEnumerable
{
    /// <summary>Parameters of any kernel, at most.</summary>
    public const int MaxCount = 24;

    private const int Words = 80;

    private fixed ulong _words[Words];
    private fixed byte _starts[MaxCount];
    private int _count;
    private int _used;

    public void Add<T>(T value)
        where T : unmanaged
    {
        var words = (Unsafe.SizeOf<T>() + sizeof(ulong) - 1) / sizeof(ulong);
        if (_count == MaxCount || _used + words > Words) throw new InvalidOperationException("too many kernel arguments");
        Unsafe.WriteUnaligned(ref Unsafe.As<ulong, byte>(ref _words[_used]), value);
        _starts[_count++] = (byte)_used;
        _used += words;
    }

    /// <summary>Where each value is.</summary>
    public readonly void WritePointers(void** pointers)
    {
        ref var words = ref Unsafe.AsRef(in _words[0]);
        for (var i = 0; i < _count; i++) pointers[i] = Unsafe.AsPointer(ref Unsafe.Add(ref words, (int)_starts[i]));
    }

    readonly IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException();
}

using System.Runtime.InteropServices;

namespace Cluster.Compute.Cpu.Threading;

/// <summary>What the caller and one thread of a team share, two cache lines wide so that neighbours do not slow each other down.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct TeamSlot
{
    /// <summary>The thread's part is done, or there is none.</summary>
    public const int Idle = 0;

    /// <summary>The part is open to whoever takes it first, the thread or the caller.</summary>
    public const int Offered = 1;

    /// <summary>The thread runs the part.</summary>
    public const int Taken = 2;

    [FieldOffset(0)]
    public int State;

    /// <summary>1 when the thread has announced that it is about to sleep and nobody has promised to wake it yet.</summary>
    [FieldOffset(4)]
    public int Parked;
}

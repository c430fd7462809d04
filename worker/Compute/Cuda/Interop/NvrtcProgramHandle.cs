using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A program of the run-time compiler.</summary>
internal sealed class NvrtcProgramHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public NvrtcProgramHandle(nint program) : base(ownsHandle: true) => SetHandle(program);

    protected override bool ReleaseHandle() => Nvrtc.nvrtcDestroyProgram(ref handle) == 0;
}

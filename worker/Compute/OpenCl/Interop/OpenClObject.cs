using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.OpenCl.Interop;

/// <summary>A context, queue, program, kernel or buffer of OpenCL. Each holds a reference to those that it was made from.</summary>
internal sealed class OpenClObject : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly Func<nint, int> _release;

    /// <param name="handle">What a clCreate… returned.</param>
    /// <param name="release">The clRelease… that goes with it.</param>
    /// <param name="error">The error that came with it.</param>
    /// <param name="call">The name of the call.</param>
    /// <exception cref="OpenClException">The call failed.</exception>
    public OpenClObject(nint handle, Func<nint, int> release, int error, string call) : base(ownsHandle: true)
    {
        OpenClApi.Check(error, call);
        _release = release;
        SetHandle(handle);
    }

    /// <summary>Valid as long as this object lives.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle() => _release(handle) == 0;
}

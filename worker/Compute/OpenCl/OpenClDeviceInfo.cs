using System.Text;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl;

/// <summary>What an OpenCL device is.</summary>
internal sealed unsafe class OpenClDeviceInfo
{
    private OpenClDeviceInfo(nint device, int ordinal)
    {
        Device = device;
        Ordinal = ordinal;
        Name = Text(OpenClApi.DeviceName);
        Version = Text(OpenClApi.DeviceVersion);
        DriverVersion = Text(OpenClApi.DriverVersion);
        IsProcessor = (Number(OpenClApi.DeviceType) & OpenClApi.Processors) != 0;
        ComputeUnits = (int)Number(OpenClApi.DeviceMaxComputeUnits);
        MostItems = (long)Number(OpenClApi.DeviceMaxWorkGroupSize);
        MemoryBytes = (long)Number(OpenClApi.DeviceGlobalMemorySize);
        MostBufferBytes = (long)Number(OpenClApi.DeviceMaxMemoryAllocation);
        SharesHostMemory = Number(OpenClApi.DeviceHostUnifiedMemory) != 0;
        RoundsDivisions = (Number(OpenClApi.DeviceSingleFloatConfig) & OpenClApi.CorrectlyRoundedDivideAndRoot) != 0;
    }

    /// <summary>The driver's handle.</summary>
    public nint Device { get; }

    /// <summary>Its number among the devices of all platforms.</summary>
    public int Ordinal { get; }

    public string Name { get; }

    /// <summary>As in <c>OpenCL 3.0 PoCL …</c>.</summary>
    public string Version { get; }

    public string DriverVersion { get; }

    /// <summary>Whether it computes on the host's processor, item after item, and not on a GPU, all items at once.</summary>
    public bool IsProcessor { get; }

    public int ComputeUnits { get; }

    /// <summary>Work-items of a work-group, at most.</summary>
    public long MostItems { get; }

    public long MemoryBytes { get; }

    /// <summary>Bytes of one buffer, at most.</summary>
    public long MostBufferBytes { get; }

    /// <summary>Whether its memory is the host's.</summary>
    public bool SharesHostMemory { get; }

    /// <summary>Whether it can round divisions and square roots of f32 correctly.</summary>
    public bool RoundsDivisions { get; }

    /// <summary>The devices of all platforms, in the order of the loader.</summary>
    /// <exception cref="OpenClException">The loader or a driver failed.</exception>
    public static OpenClDeviceInfo[] All()
    {
        uint platformCount;
        var result = OpenClApi.clGetPlatformIDs(0, null, &platformCount);
        if (result == OpenClApi.PlatformNotFound) return [];
        OpenClApi.Check(result, "clGetPlatformIDs");
        var platforms = new nint[platformCount];
        fixed (nint* target = platforms) OpenClApi.Check(OpenClApi.clGetPlatformIDs(platformCount, target, null), "clGetPlatformIDs");
        var all = new List<OpenClDeviceInfo>();
        foreach (var platform in platforms)
        {
            uint count;
            result = OpenClApi.clGetDeviceIDs(platform, OpenClApi.AllDevices, 0, null, &count);
            if (result == OpenClApi.DeviceNotFound) continue;
            OpenClApi.Check(result, "clGetDeviceIDs");
            var devices = new nint[count];
            fixed (nint* target = devices) OpenClApi.Check(OpenClApi.clGetDeviceIDs(platform, OpenClApi.AllDevices, count, target, null), "clGetDeviceIDs");
            foreach (var device in devices) all.Add(new OpenClDeviceInfo(device, all.Count));
        }

        return [.. all];
    }

    private ulong Number(uint name)
    {
        // Numbers of four bytes leave the others as they are.
        ulong value = 0;
        OpenClApi.Check(OpenClApi.clGetDeviceInfo(Device, name, sizeof(ulong), &value, null), "clGetDeviceInfo");
        return value;
    }

    private string Text(uint name)
    {
        nuint length;
        OpenClApi.Check(OpenClApi.clGetDeviceInfo(Device, name, 0, null, &length), "clGetDeviceInfo");
        var text = new byte[(int)length];
        fixed (byte* target = text) OpenClApi.Check(OpenClApi.clGetDeviceInfo(Device, name, length, target, null), "clGetDeviceInfo");
        return Encoding.UTF8.GetString(text).TrimEnd('\0', ' ');
    }
}

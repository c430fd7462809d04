using System.Text;
using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl.Compilation;

/// <summary>Compiles programs with the device's driver, or takes them from a <see cref="KernelCache"/>.</summary>
internal sealed unsafe class OpenClCompiler(OpenClContext context, KernelCache? cache)
{
    private readonly string _options = "-cl-std=CL1.2" + (context.Info.RoundsDivisions ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");

    /// <exception cref="OpenClException">The program does not compile; the message is the compiler's.</exception>
    public OpenClObject Compile(KernelProgram program)
    {
        var text = OpenClSources.Expand(program);
        var info = context.Info;
        var key = $"{info.Name}\n{info.Version}\n{info.DriverVersion}\n{_options}\n{text}";
        if (cache?.Read(key) is { } known && FromBinary(known) is { } loaded) return loaded;
        var built = FromSource(text);
        if (cache is not null && Binary(built) is { } binary) cache.Write(key, binary);
        return built;
    }

    private OpenClObject FromSource(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            var source = start;
            var length = (nuint)bytes.Length;
            var handle = OpenClApi.clCreateProgramWithSource(context.Handle, 1, &source, &length, out var error);
            var program = new OpenClObject(handle, OpenClApi.clReleaseProgram, error, "clCreateProgramWithSource");
            var result = Build(program);
            if (result == 0) return program;
            var log = Log(program);
            program.Dispose();
            throw new OpenClException($"OpenCL: {context.Info.Name} cannot compile a program ({OpenClApi.Describe(result)}): {log}\n{text}");
        }
    }

    /// <summary>Null where the driver does not take it: it may have changed without a new version.</summary>
    private OpenClObject? FromBinary(byte[] binary)
    {
        fixed (byte* start = binary)
        {
            var (device, length) = (context.Info.Device, (nuint)binary.Length);
            var image = start;
            int status;
            var handle = OpenClApi.clCreateProgramWithBinary(context.Handle, 1, &device, &length, &image, &status, out var error);
            if (error != 0 || status != 0) return null;
            var program = new OpenClObject(handle, OpenClApi.clReleaseProgram, error, "clCreateProgramWithBinary");
            if (Build(program) == 0) return program;
            program.Dispose();
            return null;
        }
    }

    private int Build(OpenClObject program)
    {
        var device = context.Info.Device;
        return OpenClApi.clBuildProgram(program.Value, 1, &device, _options, null, null);
    }

    private string Log(OpenClObject program)
    {
        nuint length;
        if (OpenClApi.clGetProgramBuildInfo(program.Value, context.Info.Device, OpenClApi.ProgramBuildLog, 0, null, &length) != 0) return "no log";
        var text = new byte[(int)length];
        fixed (byte* target = text)
            _ = OpenClApi.clGetProgramBuildInfo(program.Value, context.Info.Device, OpenClApi.ProgramBuildLog, length, target, null);
        return Encoding.UTF8.GetString(text).TrimEnd('\0', '\n', ' ');
    }

    /// <summary>Null where the driver gives none.</summary>
    private static byte[]? Binary(OpenClObject program)
    {
        nuint length;
        if (OpenClApi.clGetProgramInfo(program.Value, OpenClApi.ProgramBinarySizes, (nuint)sizeof(nuint), &length, null) != 0 || length == 0) return null;
        var binary = new byte[(int)length];
        fixed (byte* start = binary)
        {
            var target = start;
            if (OpenClApi.clGetProgramInfo(program.Value, OpenClApi.ProgramBinaries, (nuint)sizeof(nint), &target, null) != 0) return null;
        }

        return binary;
    }
}

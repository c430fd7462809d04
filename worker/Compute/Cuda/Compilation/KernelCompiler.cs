using System.Runtime.InteropServices;
using System.Text;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Compilation;

/// <summary>Compiles programs for one architecture with NVIDIA's run-time compiler, or takes them from a <see cref="KernelCache"/>.</summary>
internal sealed unsafe class KernelCompiler
{
    private readonly KernelCache? _cache;
    private readonly string _option;
    private readonly string _version;
    private readonly bool _isFinal;

    /// <param name="architecture">Compute capability of the device, as 90 for 9.0.</param>
    /// <param name="cache">Where compiled programs are kept; null for nowhere.</param>
    /// <exception cref="DeviceUnavailableException">There is no compiler, or none for this architecture.</exception>
    public KernelCompiler(int architecture, KernelCache? cache)
    {
        if (!CudaLibraries.IsAvailable(CudaLibraries.Compiler, out var problem))
            throw new DeviceUnavailableException($"the CUDA run-time compiler (NVRTC) is not available: {problem}");
        _cache = cache;
        Check(Nvrtc.nvrtcVersion(out var major, out var minor), "nvrtcVersion");
        _version = $"{major}.{minor}";
        HasBulkCopies = major >= 12;
        var newest = Newest(architecture);
        if (newest == 0) throw new DeviceUnavailableException($"NVRTC {_version} cannot compile for compute capability {architecture / 10}.{architecture % 10}");

        // Where the compiler is older than the device it makes PTX, which the driver translates.
        _isFinal = newest == architecture;
        _option = $"--gpu-architecture={(_isFinal ? "sm" : "compute")}_{newest}";
    }

    /// <summary>Whether it knows the copies to shared memory that the memory system of compute capability 9.0 makes by itself.</summary>
    public bool HasBulkCopies { get; }

    /// <summary>The compiled program: a cubin, or PTX with a zero behind it.</summary>
    /// <exception cref="CudaException">The program does not compile; the message is the compiler's.</exception>
    public byte[] Compile(KernelProgram program)
    {
        var text = program.Text;
        var key = $"{KernelSources.Hash}\n{_version}\n{_option}\n{text}";
        if (_cache?.Read(key) is { } known) return known;
        var image = CompileText(text);
        _cache?.Write(key, image);
        return image;
    }

    private static void Check(int result, string call)
    {
        if (result != 0) throw new CudaException($"NVRTC: {call}: error {result}");
    }

    private static int Newest(int architecture)
    {
        Check(Nvrtc.nvrtcGetNumSupportedArchs(out var count), "nvrtcGetNumSupportedArchs");
        var supported = new int[count];
        fixed (int* values = supported) Check(Nvrtc.nvrtcGetSupportedArchs(values), "nvrtcGetSupportedArchs");
        return supported.Where(one => one <= architecture).DefaultIfEmpty().Max();
    }

    private byte[] CompileText(string text)
    {
        var memory = new List<nint>();
        try
        {
            var sources = KernelSources.All;
            var headers = stackalloc byte*[sources.Count];
            var names = stackalloc byte*[sources.Count];
            for (var i = 0; i < sources.Count; i++)
            {
                headers[i] = Terminated(sources[i].Text);
                names[i] = Terminated(Encoding.UTF8.GetBytes(sources[i].Name));
            }

            var options = stackalloc byte*[] { TerminatedText(_option), TerminatedText("--std=c++17"), TerminatedText("-default-device") };
            Check(Nvrtc.nvrtcCreateProgram(out var handle, TerminatedText(text), TerminatedText("program.cu"), sources.Count, headers, names), "nvrtcCreateProgram");
            using var program = new NvrtcProgramHandle(handle);
            var result = Nvrtc.nvrtcCompileProgram(program, 3, options);
            if (result != 0) throw new CudaException($"NVRTC {_version} ({_option}), error {result}: {Log(program)}\n{text}");
            return Image(program);
        }
        finally
        {
            foreach (var block in memory) NativeMemory.Free((void*)block);
        }

        byte* Terminated(params ReadOnlySpan<byte> bytes)
        {
            var block = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
            memory.Add((nint)block);
            bytes.CopyTo(new Span<byte>(block, bytes.Length));
            block[bytes.Length] = 0;
            return block;
        }

        byte* TerminatedText(string value) => Terminated(Encoding.UTF8.GetBytes(value));
    }

    private static string Log(NvrtcProgramHandle program)
    {
        Check(Nvrtc.nvrtcGetProgramLogSize(program, out var bytes), "nvrtcGetProgramLogSize");
        var log = new byte[(int)bytes];
        fixed (byte* start = log) Check(Nvrtc.nvrtcGetProgramLog(program, start), "nvrtcGetProgramLog");
        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n');
    }

    private byte[] Image(NvrtcProgramHandle program)
    {
        nuint bytes;
        if (_isFinal) Check(Nvrtc.nvrtcGetCUBINSize(program, out bytes), "nvrtcGetCUBINSize");
        else Check(Nvrtc.nvrtcGetPTXSize(program, out bytes), "nvrtcGetPTXSize");
        var image = new byte[(int)bytes];
        fixed (byte* start = image)
        {
            if (_isFinal) Check(Nvrtc.nvrtcGetCUBIN(program, start), "nvrtcGetCUBIN");
            else Check(Nvrtc.nvrtcGetPTX(program, start), "nvrtcGetPTX");
        }

        return image;
    }
}

using System.Text;
using Cluster.Compute.Cuda.Attention;
using Cluster.Compute.Cuda.Chains;
using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Gpu;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>Every kernel compiles, also where there is no device.</summary>
public class KernelCompilationTests
{
    private static readonly Lazy<KernelCompiler> s_compiler = new(() => new KernelCompiler(90, cache: null));

    /// <summary>For a device that is newer than any that NVRTC 11 knows.</summary>
    private static readonly Lazy<KernelCompiler> s_translator = new(() => new KernelCompiler(91, cache: null));

    public static TheoryData<TensorType> WeightTypes => new(TensorTraits.All.Select(trait => trait.Type));

    /// <summary>Each type once as keys and once as values.</summary>
    public static TheoryData<TensorType, TensorType, int> CacheTypes
    {
        get
        {
            var data = new TheoryData<TensorType, TensorType, int>();
            var types = KvCacheFormat.Types;
            for (var i = 0; i < types.Length; i++) data.Add(types[i], types[^(i + 1)], i % 2 == 0 ? 64 : 32);
            return data;
        }
    }

    [NvrtcTheory]
    [InlineData("elementwise.cu")]
    [InlineData("rms_norm.cu")]
    [InlineData("tensor_activations.cu")]
    [InlineData("logits.cu")]
    [InlineData("compare.cu")]
    [InlineData("limits.cu")]
    [InlineData("hold.cu")]
    [InlineData("exchange.cu")]
    public void Kernels_of_no_type_compile(string file) => AssertCompiles(new KernelProgram().Include(file));

    [NvrtcTheory]
    [MemberData(nameof(WeightTypes))]
    public void Kernels_of_a_weight_type_compile(TensorType type) => AssertCompiles(WeightKernels.ProgramOf(type));

    [NvrtcTheory]
    [MemberData(nameof(WeightTypes))]
    public void Chains_of_a_weight_type_compile(TensorType type)
    {
        if (WeightKernels.IsPlainType(type)) return;
        foreach (var hasSums in new[] { false, true })
        {
            AssertTranslates(ChainKernel.ProgramOf(type, tokens: 1, slots: 5, hasSums), "product_chain");
            AssertTranslates(ChainKernel.ProgramOf(type, tokens: 4, slots: 4, hasSums), "product_chain");
        }
    }

    [NvrtcTheory]
    [MemberData(nameof(CacheTypes))]
    public void Kernels_of_cache_types_compile(TensorType keys, TensorType values, int headDim)
    {
        var format = new KvLayerFormat(keys, values);
        AssertCompiles(CacheKernels.AppendProgram(format, headDim, 32));
        AssertCompiles(CacheKernels.RowsProgram(format, headDim, 32));
        AssertCompiles(CacheKernels.AttentionProgram(format, headDim, 32, heads: 4, tokens: 1));
        if (CacheKernels.TakesDecode(format, headDim, 32)) AssertCompiles(CacheKernels.DecodeProgram(format, headDim, 32, heads: 4));
        if (CacheKernels.TakesPrompt(format, headDim)) AssertCompiles(CacheKernels.PromptProgram(format, headDim, 32, heads: 4));
    }

    /// <summary>To PTX: some instructions are newer than the assembler of NVRTC 11.</summary>
    private static void AssertTranslates(KernelProgram program, string kernel) =>
        Assert.Contains($".entry {kernel}(", Encoding.UTF8.GetString(s_translator.Value.Compile(program)), StringComparison.Ordinal);

    /// <summary>A cubin is an ELF file.</summary>
    private static void AssertCompiles(KernelProgram program) => Assert.Equal("\u007fELF"u8.ToArray(), s_compiler.Value.Compile(program)[..4]);
}

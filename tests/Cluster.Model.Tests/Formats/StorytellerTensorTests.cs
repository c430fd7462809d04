using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Formats;

/// <summary>
/// The same tensors as another engine quantized them: the layouts are read as that engine wrote them, and the quantizers do as
/// well. Skipped where these files are not beside the repository.
/// </summary>
public class StorytellerTensorTests
{
    private const string Original = "models/storyteller-29m-f16.gguf";

    [SharedTheory(Original, "models/storyteller-29m-q8_0.gguf", "models/storyteller-29m-q4_0.gguf")]
    [InlineData("q8_0", TensorType.Q8_0, 1e-4)]
    [InlineData("q4_0", TensorType.Q4_0, 0.012)]
    [InlineData("q4_k_m", TensorType.Q4_K, 0.008)]
    [InlineData("q4_k_m", TensorType.Q6_K, 0.0006)]
    public void Files_decode_to_the_original_weights(string file, TensorType type, double bound)
    {
        using GgufFile expected = Open("f16");
        using GgufFile actual = Open(file);
        int compared = 0;
        foreach (GgufTensor tensor in actual.Tensors.Where(t => t.Type == type && t.Name.StartsWith("blk.7.attn", StringComparison.Ordinal)))
        {
            float[] reference = Decode(expected, expected.GetTensor(tensor.Name));
            double theirs = Error(reference, Decode(actual, tensor));
            Assert.InRange(theirs, 0, bound);

            // Our own quantizer is no worse than the one that wrote the file.
            TensorTrait trait = TensorTraits.Get(type);
            var bytes = new byte[tensor.ByteCount];
            trait.Quantize(reference, bytes);
            var decoded = new float[reference.Length];
            trait.Dequantize(bytes, decoded);
            double ours = Error(reference, decoded);
            Assert.InRange(ours, 0, theirs * 1.005);
            compared++;
        }
        Assert.NotEqual(0, compared);
    }

    [SharedTheory(Original, "models/storyteller-29m-q8_0.gguf", "models/storyteller-29m-q4_0.gguf")]
    [InlineData("q8_0", TensorType.Q8_0)]
    [InlineData("q4_0", TensorType.Q4_0)]
    public void Simple_formats_quantize_to_the_same_bytes(string file, TensorType type)
    {
        using GgufFile source = Open("f16");
        using GgufFile expected = Open(file);
        long same = 0, total = 0;
        foreach (GgufTensor tensor in expected.Tensors.Where(t => t.Type == type && t.Name.StartsWith("blk.0.", StringComparison.Ordinal)))
        {
            float[] values = Decode(source, source.GetTensor(tensor.Name));
            var bytes = new byte[tensor.ByteCount];
            TensorTraits.Get(type).Quantize(values, bytes);
            ReadOnlySpan<byte> theirs = expected.Map(tensor, 0, bytes.Length);
            total += bytes.Length;
            for (int i = 0; i < bytes.Length; i++)
                same += bytes[i] == theirs[i] ? 1 : 0;
        }
        Assert.True(same >= total * 0.9999, $"{same} of {total} bytes are equal");
    }

    private static GgufFile Open(string type) => GgufFile.Open(RepositoryFiles.Shared($"models/storyteller-29m-{type}.gguf"));

    private static float[] Decode(GgufFile file, GgufTensor tensor)
    {
        var values = new float[tensor.ElementCount];
        TensorTraits.Get(tensor.Type).Dequantize(file.Map(tensor, 0, (int)tensor.ByteCount), values);
        return values;
    }

    /// <summary>Squared error over squared norm.</summary>
    private static double Error(float[] expected, float[] actual)
    {
        double error = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += Math.Pow((double)expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }
        return error / norm;
    }
}

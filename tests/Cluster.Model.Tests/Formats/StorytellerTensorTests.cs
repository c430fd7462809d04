using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.Formats;

/// <summary>
/// The same tensors as another engine quantized them: the layouts are read as that engine wrote them, and the quantizers do as
/// well. Skipped where the model files are not beside the repository.
/// </summary>
public class StorytellerTensorTests
{
    [Theory]
    [InlineData("q8_0", TensorType.Q8_0, 1e-4)]
    [InlineData("q4_0", TensorType.Q4_0, 0.012)]
    [InlineData("q4_k_m", TensorType.Q4_K, 0.008)]
    [InlineData("q4_k_m", TensorType.Q6_K, 0.0006)]
    public void Files_decode_to_the_original_weights(string file, TensorType type, double bound)
    {
        if (ModelFiles.Shared("storyteller-29m-f16.gguf") is not string original
            || ModelFiles.Shared($"storyteller-29m-{file}.gguf") is not string quantized)
            return;
        using GgufFile expected = GgufFile.Open(original);
        using GgufFile actual = GgufFile.Open(quantized);
        int compared = 0;
        foreach (GgufTensor tensor in actual.Tensors.Where(t => t.Type == type && t.Name.StartsWith("blk.7.attn", StringComparison.Ordinal)))
        {
            float[] reference = Decode(expected, expected.GetTensor(tensor.Name));
            double theirs = Error(reference, Decode(actual, tensor));
            Assert.InRange(theirs, 0, bound);

            // Our own quantizer is as good as the one that wrote the file.
            TensorTrait trait = TensorTraits.Get(type);
            var bytes = new byte[tensor.ByteCount];
            trait.Quantize(reference, bytes);
            var decoded = new float[reference.Length];
            trait.Dequantize(bytes, decoded);
            double ours = Error(reference, decoded);
            Assert.InRange(ours, 0, theirs * 1.02);
            compared++;
        }
        Assert.NotEqual(0, compared);
    }

    [Theory]
    [InlineData("q8_0", TensorType.Q8_0)]
    [InlineData("q4_0", TensorType.Q4_0)]
    public void Simple_formats_quantize_to_the_same_bytes(string file, TensorType type)
    {
        if (ModelFiles.Shared("storyteller-29m-f16.gguf") is not string original
            || ModelFiles.Shared($"storyteller-29m-{file}.gguf") is not string quantized)
            return;
        using GgufFile source = GgufFile.Open(original);
        using GgufFile expected = GgufFile.Open(quantized);
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

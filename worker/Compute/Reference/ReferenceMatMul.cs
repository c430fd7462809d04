namespace Cluster.Compute.Reference;

/// <summary>What <see cref="Devices.IDevice.MatMul"/> computes, from decoded weights and f32 activations in f64.</summary>
internal static class ReferenceMatMul
{
    /// <summary>
    /// <paramref name="output"/>[t] = <paramref name="input"/>[t] · Wᵀ (+ bias), the matrices' outputs side by side in each output row.
    /// </summary>
    public static void Run(ReadOnlySpan<ReferenceMatrix> matrices, ReadOnlySpan<float> input, int tokens, Span<float> output)
    {
        var next = 0;
        for (var t = 0; t < tokens; t++)
        {
            foreach (var matrix in matrices)
            {
                var x = input.Slice(t * matrix.Columns, matrix.Columns);
                for (var row = 0; row < matrix.Rows; row++) output[next++] = (float)(Dot(matrix.Row(row), x) + matrix.Bias(row));
            }
        }
    }

    private static double Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (var i = 0; i < left.Length; i++) sum += (double)left[i] * right[i];
        return sum;
    }
}

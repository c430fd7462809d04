namespace Cluster.Compute.Reference;

/// <summary>Defines the operations of <see cref="Devices.IDevice"/> that work element by element or row by row.</summary>
internal static class ReferenceElementwise
{
    /// <returns>Rows of <paramref name="input"/>, as wide as <paramref name="gain"/>, normed.</returns>
    public static float[] RmsNorm(float[] input, float[] gain, float epsilon)
    {
        var width = gain.Length;
        var output = new float[input.Length];
        for (var row = 0; row < input.Length / width; row++)
        {
            var squares = 0d;
            for (var i = 0; i < width; i++) squares += (double)input[row * width + i] * input[row * width + i];
            var scale = 1 / Math.Sqrt(squares / width + epsilon);
            for (var i = 0; i < width; i++) output[row * width + i] = (float)(input[row * width + i] * scale * gain[i]);
        }

        return output;
    }

    /// <returns>silu(gate) · up of rows [gate | up], <paramref name="width"/> each; silu(x) = x / (1 + e^-x).</returns>
    public static float[] SwiGlu(float[] gateUp, int width)
    {
        var tokens = gateUp.Length / (2 * width);
        var output = new float[tokens * width];
        for (var t = 0; t < tokens; t++)
        {
            for (var i = 0; i < width; i++)
            {
                var gate = (double)gateUp[t * 2 * width + i];
                var up = (double)gateUp[t * 2 * width + width + i];
                output[t * width + i] = (float)(gate / (1 + Math.Exp(-gate)) * up);
            }
        }

        return output;
    }

    /// <returns>The sum of two arrays.</returns>
    public static float[] Add(float[] accumulator, float[] addend)
    {
        var sum = new float[accumulator.Length];
        for (var i = 0; i < sum.Length; i++) sum[i] = accumulator[i] + addend[i];
        return sum;
    }

    /// <returns>Rows of <paramref name="input"/>, <paramref name="width"/> wide, in the order of <paramref name="rows"/>.</returns>
    public static float[] GatherRows(float[] input, int width, int[] rows)
    {
        var output = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var column = 0; column < width; column++) output[i * width + column] = input[rows[i] * width + column];
        }

        return output;
    }
}

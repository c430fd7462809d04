using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Compute.Tests.Shards;

/// <summary>A whole model as its description has it, in f64 and without a cache: nothing of the shards' code is in it.</summary>
internal static class PlainTransformer
{
    /// <summary>After the final norm, for each token of a text.</summary>
    public static double[][] HiddenStates(string path, int[] text)
    {
        using var file = GgufFile.Open(path);
        var config = ModelConfigReader.Read(file);
        var embedding = Matrix(file, TensorNames.TokenEmbedding, config.HiddenSize);
        double[][] hidden = [.. text.Select(token => embedding[token].ToArray())];
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var normed = Norm(file, TensorNames.AttentionNorm(layer), hidden, config);
            var queries = Rotated(Product(file, TensorNames.AttentionQuery(layer), normed), config);
            var keys = Rotated(Product(file, TensorNames.AttentionKey(layer), normed), config);
            var values = Product(file, TensorNames.AttentionValue(layer), normed);
            double[][] mixed = [.. queries.Select((query, token) => Attend(query, keys[..(token + 1)], values, config))];
            hidden = Sum(hidden, Product(file, TensorNames.AttentionOutput(layer), mixed));

            normed = Norm(file, TensorNames.FeedForwardNorm(layer), hidden, config);
            var gates = Product(file, TensorNames.FeedForwardGate(layer), normed);
            var ups = Product(file, TensorNames.FeedForwardUp(layer), normed);
            double[][] inner = [.. gates.Zip(ups, (gate, up) => gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray())];
            hidden = Sum(hidden, Product(file, TensorNames.FeedForwardDown(layer), inner));
        }

        return Norm(file, TensorNames.OutputNorm, hidden, config);
    }

    private static double[] Attend(double[] query, double[][] keys, double[][] values, ModelConfig config)
    {
        var output = new double[config.QuerySize];
        for (var head = 0; head < config.HeadCount; head++)
        {
            var (first, shared) = (head * config.HeadDim, head / config.QueryGroupSize * config.HeadDim);
            var weights = keys.Select(key => Math.Exp(Enumerable.Range(0, config.HeadDim).Sum(i => query[first + i] * key[shared + i]) / Math.Sqrt(config.HeadDim))).ToArray();
            var total = weights.Sum();
            for (var i = 0; i < config.HeadDim; i++)
                output[first + i] = weights.Select((weight, token) => weight / total * values[token][shared + i]).Sum();
        }

        return output;
    }

    /// <summary>Neighbouring elements of each head turn by the position, as models of this architecture store them.</summary>
    private static double[][] Rotated(double[][] rows, ModelConfig config)
    {
        var frequencies = RopeFrequencies.Compute(config.Rope, []);
        foreach (var (position, row) in rows.Index())
        {
            for (var first = 0; first < row.Length; first += config.HeadDim)
            {
                for (var pair = 0; pair < frequencies.Length; pair++)
                {
                    var (sin, cos) = Math.SinCos((double)position * frequencies[pair]);
                    var (x, y) = (row[first + (2 * pair)], row[first + (2 * pair) + 1]);
                    (row[first + (2 * pair)], row[first + (2 * pair) + 1]) = ((x * cos) - (y * sin), (x * sin) + (y * cos));
                }
            }
        }

        return rows;
    }

    private static double[][] Norm(GgufFile file, string gainName, double[][] rows, ModelConfig config)
    {
        var gain = Matrix(file, gainName, config.HiddenSize)[0];
        return [.. rows.Select(row =>
        {
            var scale = 1 / Math.Sqrt((row.Sum(x => x * x) / row.Length) + config.NormEpsilon);
            return row.Zip(gain, (x, g) => x * scale * g).ToArray();
        })];
    }

    private static double[][] Product(GgufFile file, string name, double[][] inputs)
    {
        var weights = Matrix(file, name, inputs[0].Length);
        return [.. inputs.Select(input => weights.Select(row => row.Zip(input, (w, x) => w * x).Sum()).ToArray())];
    }

    private static double[][] Sum(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => p + q).ToArray())];

    private static double[][] Matrix(GgufFile file, string name, int columns)
    {
        var tensor = file.Tensors.Single(candidate => candidate.Name == name);
        var trait = TensorTraits.Get(tensor.Type);
        var bytes = new byte[trait.BytesFor(columns)];
        var row = new float[columns];
        var rows = new double[tensor.ElementCount / columns][];
        for (var r = 0; r < rows.Length; r++)
        {
            file.Read(tensor, r * bytes.Length, bytes);
            trait.Dequantize(bytes, row);
            rows[r] = Array.ConvertAll(row, x => (double)x);
        }

        return rows;
    }
}

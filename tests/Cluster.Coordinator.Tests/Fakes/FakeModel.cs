namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>
/// A model without weights: the logits after a text are pseudo-random numbers that depend on every token of it. A script can make it
/// write given tokens.
/// </summary>
internal sealed class FakeModel(int vocabularySize)
{
    public int VocabularySize => vocabularySize;

    /// <summary>Elements of a hidden state.</summary>
    public int HiddenSize => 6;

    /// <summary>Tokens that come by all means, by position in the text.</summary>
    public Dictionary<int, int> Script { get; } = [];

    /// <summary>Texts of this length have logits that are no numbers.</summary>
    public int? BrokenLength { get; set; }

    /// <param name="text">All tokens so far.</param>
    /// <param name="cache">Each cache but the first is a little off, the more the later it is.</param>
    public float[] Logits(ReadOnlySpan<int> text, int cache = 0)
    {
        var state = 0xCBF29CE484222325UL;
        foreach (var token in text) state = (state ^ (uint)token) * 0x100000001B3UL;
        var logits = new float[vocabularySize];
        for (var id = 0; id < logits.Length; id++)
        {
            state = state * 6364136223846793005UL + 1442695040888963407UL;
            logits[id] = (state >> 40) * (8f / (1 << 24)) - 4;
        }

        if (Script.TryGetValue(text.Length, out var next)) logits[next] = 30;
        for (var id = 0; id < logits.Length; id++) logits[id] += 0.3f * cache * MathF.Sin(id);
        if (BrokenLength == text.Length) Array.Fill(logits, float.NaN);
        return logits;
    }

    /// <summary>The hidden state after a text; it depends on every token of it.</summary>
    public double[] Hidden(ReadOnlySpan<int> text)
    {
        var state = 0xCBF29CE484222325UL;
        foreach (var token in text) state = (state ^ (uint)token) * 0x100000001B3UL;
        return [.. Enumerable.Range(0, HiddenSize).Select(i => (double)(float)Math.Sin((state >> 20) % 100_003 + (i * 1.7)))];
    }

    /// <summary>What texts pool to: the mean of the hidden states after these tokens, at length 1.</summary>
    public float[] Vector(int[] text, params int[] tokens)
    {
        var sum = new double[HiddenSize];
        foreach (var token in tokens)
            foreach (var (i, element) in Hidden(text.AsSpan(0, token + 1)).Index()) sum[i] += element;
        var length = Math.Sqrt(sum.Sum(element => element * element));
        return Array.ConvertAll(sum, element => (float)(element / length));
    }

    public int Greedy(ReadOnlySpan<int> text)
    {
        var logits = Logits(text);
        return Array.IndexOf(logits, logits.Max());
    }

    public List<int> GreedyContinuation(IEnumerable<int> prompt, int count)
    {
        List<int> text = [.. prompt];
        var length = text.Count;
        while (text.Count < length + count) text.Add(Greedy(text.ToArray()));
        return text[length..];
    }

    public double LogProb(ReadOnlySpan<int> text, int next)
    {
        var logits = Logits(text);
        var sum = logits.Sum(logit => Math.Exp(logit));
        return logits[next] - Math.Log(sum);
    }
}

using System.Text;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>Makes the requests of a load: the same in the same order for the same seed, whoever asks for the next.</summary>
/// <param name="options">Lengths and seed.</param>
/// <param name="tokensPerWord">Of the server's tokenizer, over the words that prompts are made of.</param>
internal sealed class RequestPlan(ServingOptions options, double tokensPerWord)
{
    // Frequent words, which are one token to most tokenizers; drawn at random, so that no two prompts begin alike.
    private static readonly string[] s_words =
    [
        "time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child", "world", "school", "state", "family", "student", "group", "country",
        "problem", "hand", "part", "place", "case", "week", "company", "system", "program", "question", "work", "number", "night", "point", "home", "water",
        "room", "mother", "area", "money", "story", "fact", "month", "lot", "right", "study", "book", "eye", "job", "word", "business", "issue", "side",
    ];

    private readonly Random _random = new(options.Seed);
    private readonly Lock _lock = new();

    public PlannedRequest Next()
    {
        lock (_lock)
        {
            var words = Math.Max(1, (int)Math.Round(options.PromptTokens.Draw(_random) / tokensPerWord));
            return new PlannedRequest(Words(_random, words), options.OutputTokens.Draw(_random), -Math.Log(1 - _random.NextDouble()));
        }
    }

    public static string Words(Random random, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) text.Append(i == 0 ? "" : " ").Append(s_words[random.Next(s_words.Length)]);
        return text.ToString();
    }
}

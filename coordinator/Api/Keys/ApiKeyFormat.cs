using System.Globalization;
using System.Text;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Api.Keys;

/// <summary>
/// Files of keys: a line each, <c>NAME sha256:HASH [rpm=N] [concurrent=N] [priority=low|normal|high] [context=N] [admin=yes]</c>. Empty lines and those
/// that begin with <c>#</c> say nothing.
/// </summary>
internal static class ApiKeyFormat
{
    private const int MaxNameLength = 64;
    private const long MaxFileBytes = 16 << 20;

    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <exception cref="ClusterException">A line is not what it must be; it is named.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > MaxFileBytes) throw new ClusterException($"{path}: larger than {MaxFileBytes >> 20} MiB");

        var keys = new List<ApiKey>();
        var names = new HashSet<string>();
        var hashes = new HashSet<string>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;

            keys.Add(Parse(words, problem => new ClusterException($"{path}, line {number}: {problem}")));
            if (!names.Add(keys[^1].Name)) throw new ClusterException($"{path}, line {number}: there is a '{keys[^1].Name}' already");
            if (!hashes.Add(keys[^1].Hash.ToString())) throw new ClusterException($"{path}, line {number}: another line has the same key");
        }

        return keys;
    }

    public static string Write(ApiKey key)
    {
        var line = new StringBuilder($"{key.Name} {key.Hash}");
        if (key.RequestsPerMinute is { } requests) line.Append(CultureInfo.InvariantCulture, $" rpm={requests}");
        if (key.Concurrent is { } concurrent) line.Append(CultureInfo.InvariantCulture, $" concurrent={concurrent}");
        if (key.Priority != Priority.Normal) line.Append(CultureInfo.InvariantCulture, $" priority={key.Priority.ToString().ToLowerInvariant()}");
        if (key.ContextLength is { } context) line.Append(CultureInfo.InvariantCulture, $" context={context}");
        if (key.IsAdmin) line.Append(" admin=yes");
        return line.ToString();
    }

    // What is wrong must not tell a hash, or a key that somebody put in its place.
    private static ApiKey Parse(string[] words, Func<string, Exception> wrong)
    {
        if (!IsName(words[0])) throw wrong($"a name is up to {MaxNameLength} ASCII letters, digits, '.', '_' and '-'");
        if (words.Length < 2 || KeyHash.Parse(words[1]) is not { } hash) throw wrong($"'{words[0]}' must be followed by sha256: and 64 hexadecimal digits");

        var key = new ApiKey(words[0], hash);
        foreach (var word in words.Skip(2))
        {
            key = word.Split('=', 2) switch
            {
                ["rpm", var value] => key with { RequestsPerMinute = Number(value) },
                ["concurrent", var value] => key with { Concurrent = Number(value) },
                ["context", var value] => key with { ContextLength = Number(value) },
                ["priority", "low"] => key with { Priority = Priority.Low },
                ["priority", "normal"] => key with { Priority = Priority.Normal },
                ["priority", "high"] => key with { Priority = Priority.High },
                ["admin", "yes"] => key with { IsAdmin = true },
                ["admin", "no"] => key with { IsAdmin = false },
                ["admin", _] => throw wrong("admin= must be yes or no"),
                ["priority", _] => throw wrong("priority= must be low, normal or high"),
                [var option, ..] => throw wrong($"'{option}' is not known; there are rpm=, concurrent=, priority=, context= and admin="),
                [] => key,
            };

            int Number(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : throw wrong($"{word.Split('=')[0]}= needs a whole number of at least 1");
        }

        return key;
    }
}

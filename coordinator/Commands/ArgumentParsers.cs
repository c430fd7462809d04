using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Cluster.Coordinator.Planning;
using Cluster.Model.KvCache;
using Cluster.Model.Processors;
using Cluster.Model.Synthesis;

namespace Cluster.Coordinator.Commands;

/// <summary>Options whose wrong values get one line that says what is expected.</summary>
internal static class ArgumentParsers
{
    public static Option<int?> WholeNumber(string name, string valueName, string description, int least = 1, int most = int.MaxValue) =>
        Create<int?>(name, valueName, description, $"a whole number of at least {least}", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null);

    public static Option<ulong?> Seed(string name, string description) =>
        Create<ulong?>(name, "N", description, "a whole number from 0 to 2^64 - 1", text =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);

    /// <summary>A finite number; its range is the sampler's to check.</summary>
    public static Option<float?> Number(string name, string valueName, string description) =>
        Create<float?>(name, valueName, description, "a number", text =>
            float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number) ? number : null);

    public static Option<long?> Size(string name, string description) =>
        Create(name, "SIZE", description, "an amount of memory such as 4GiB or 512MiB", ByteSize.Parse);

    public static Option<T?> OneOf<T>(string name, string description, IReadOnlyDictionary<string, T> values)
        where T : struct =>
        Create<T?>(name, "TYPE", description, $"one of {string.Join(", ", values.Keys)}", text =>
            values.TryGetValue(text.ToLowerInvariant(), out var value) ? value : null);

    /// <summary>A type for cached keys and one for values; rotation and edge layers are left at their defaults.</summary>
    public static Option<KvCacheFormat?> CachePair(string name, string description) =>
        Create(name, "K/V", description, $"KEYS/VALUES, each one of {string.Join(", ", CacheTypes.ByName.Keys)}", CacheTypes.ParsePair);

    /// <summary>Values of one kind, separated by commas.</summary>
    /// <param name="name">The option.</param>
    /// <param name="valueName">What its values are called.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="expected">What each value is to be.</param>
    /// <param name="parse">Null for what is not that.</param>
    public static Option<IReadOnlyList<T>?> List<T>(string name, string valueName, string description, string expected, Func<string, T?> parse)
        where T : class =>
        Create<IReadOnlyList<T>?>(name, $"{valueName},…", description, $"{expected}, separated by commas", text =>
        {
            var values = text.Split(',', StringSplitOptions.TrimEntries).Select(parse).ToArray();
            return Array.IndexOf(values, null) < 0 ? [.. values.OfType<T>()] : null;
        });

    /// <inheritdoc cref="List{T}"/>
    public static Option<IReadOnlyList<T>?> ValueList<T>(string name, string valueName, string description, string expected, Func<string, T?> parse)
        where T : struct =>
        Create<IReadOnlyList<T>?>(name, $"{valueName},…", description, $"{expected}, separated by commas", text =>
        {
            var values = text.Split(',', StringSplitOptions.TrimEntries).Select(parse).ToArray();
            return Array.IndexOf(values, null) < 0 ? Array.ConvertAll(values, value => value!.Value) : null;
        });

    /// <summary>Whole numbers, separated by commas.</summary>
    public static Option<IReadOnlyList<int>?> WholeNumbers(string name, string description, int least = 1, int most = int.MaxValue, int unit = 1) =>
        ValueList<int>(name, "N", description, $"whole numbers of at least {least}{(unit > 1 ? $", multiples of {unit}" : "")}", text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most && number % unit == 0
                ? number
                : null);

    /// <summary>A value of another kind; null for what is none.</summary>
    public static Option<T?> Parsed<T>(string name, string valueName, string description, string expected, Func<string, T?> parse)
        where T : struct => Create(name, valueName, description, expected, parse);

    public static Option<CpuList?> Cpus(string name, string description) =>
        Create(name, "LIST", description, "a list of processors, as in 0-3,6", text => CpuList.TryParse(text, out var cpus) ? cpus : null);

    public static Option<OnOff?> Switch(string name, string description) =>
        OneOf(name, description, new Dictionary<string, OnOff> { ["on"] = OnOff.On, ["off"] = OnOff.Off });

    public static Option<WeightMix?> Weights(string name, string description) =>
        Create(name, "TYPE", description, $"one of {WeightMix.SupportedNames}", text => WeightMix.TryParse(text, out var mix) ? mix : null);

    public static Option<Uri?> Url(string name, string description) =>
        Create<Uri?>(name, "URL", description, "a URL of http or https", text =>
            Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null);

    public static Option<IPEndPoint?> Listen(string name, string description) =>
        Create<IPEndPoint?>(name, "HOST:PORT", description, "HOST:PORT, with an IP address or localhost for HOST", ParseEndPoint);

    private static IPEndPoint? ParseEndPoint(string text)
    {
        if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)) text = $"{IPAddress.Loopback}{text["localhost".Length..]}";

        // Without a port an address parses too, with port 0.
        return IPEndPoint.TryParse(text, out var endPoint) && text.EndsWith($":{endPoint.Port}", StringComparison.Ordinal) ? endPoint : null;
    }

    private static Option<T> Create<T>(string name, string valueName, string description, string expected, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = valueName,
        CustomParser = result => Parse(result, name, expected, parse),
    };

    private static T Parse<T>(ArgumentResult result, string name, string expected, Func<string, T> parse)
    {
        var text = result.Tokens[0].Value;
        if (parse(text) is { } value) return value;

        result.AddError($"{name} needs {expected}, not '{text}'");
        return default!;
    }
}

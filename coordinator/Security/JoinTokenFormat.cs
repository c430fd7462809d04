using System.Globalization;
using System.Text;
using Cluster.Coordinator.Api.Keys;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The file of join tokens: a line each, <c>ID sha256:HASH expires=TIME [uses=N] [name=TEXT]</c>.</summary>
internal static class JoinTokenFormat
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <exception cref="ClusterException">A line is not what it must be; it is named.</exception>
    public static List<JoinTokenEntry> Read(string path) => SecurityFolder.ReadLines(path, Parse, "join token");

    public static string Write(IEnumerable<JoinTokenEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"{entry.Id} {entry.Hash} expires={Time(entry.Expires)}");
            if (entry.UsesLeft is { } uses) text.Append(CultureInfo.InvariantCulture, $" uses={uses}");
            if (entry.Label is { } label) text.Append(CultureInfo.InvariantCulture, $" name={label}");
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>In universal time, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    public static DateTimeOffset? ParseTime(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static JoinTokenEntry? Parse(string line)
    {
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var id, var hash, .. var options]) return null;
        if (!JoinToken.IsId(id) || KeyHash.Parse(hash) is not { } parsed) return null;

        DateTimeOffset? expires = null;
        int? uses = null;
        string? label = null;
        foreach (var option in options)
        {
            switch (option.Split('=', 2))
            {
                case ["expires", var value] when ParseTime(value) is { } time: expires = time; break;
                case ["uses", var value] when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count): uses = count; break;
                case ["name", var value] when ApiKeyFormat.IsName(value): label = value; break;
                default: return null;
            }
        }

        return expires is { } end ? new JoinTokenEntry(id, parsed, end, uses, label) : null;
    }
}

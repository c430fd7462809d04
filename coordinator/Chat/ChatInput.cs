using System.Text;

namespace Cluster.Coordinator.Chat;

/// <summary>Reads what a person, or a script, has to say: a line, or several where a line ends with <c>\</c> or the text stands between triple quotes.</summary>
/// <param name="readLine">Shows the prompt and reads a line; null at the end.</param>
internal sealed class ChatInput(Func<string, CancellationToken, Task<string?>> readLine)
{
    private const string Prompt = "> ", Continued = ". ", Quotes = "\"\"\"";

    /// <returns>Null at the end.</returns>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await readLine(Prompt, cancellationToken).ConfigureAwait(false) is not { } line) return null;
        if (line.TrimStart().StartsWith(Quotes, StringComparison.Ordinal))
            return await ReadQuotedAsync(line.TrimStart()[Quotes.Length..], cancellationToken).ConfigureAwait(false);

        var text = new StringBuilder();
        while (line.EndsWith('\\'))
        {
            text.Append(line.AsSpan(0, line.Length - 1)).Append('\n');
            if (await readLine(Continued, cancellationToken).ConfigureAwait(false) is not { } next) return text.ToString();
            line = next;
        }

        return text.Append(line).ToString();
    }

    private async Task<string> ReadQuotedAsync(string line, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (!line.TrimEnd().EndsWith(Quotes, StringComparison.Ordinal))
        {
            lines.Add(line);
            if (await readLine(Continued, cancellationToken).ConfigureAwait(false) is not { } next) return string.Join('\n', lines);
            line = next;
        }

        lines.Add(line.TrimEnd()[..^Quotes.Length]);
        return string.Join('\n', lines).Trim('\n');
    }
}

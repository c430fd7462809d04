using System.CommandLine;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Commands;

/// <summary>The options that say which running server is asked, and with which key.</summary>
/// <param name="when">When the default holds.</param>
internal sealed class ServerAddressOptionSet(string when = "")
{
    private static readonly Uri s_default = new("http://127.0.0.1:8080");

    private readonly Option<Uri?> _url = ArgumentParsers.Url("--url", $"Server with OpenAI's API [default: {s_default.OriginalString}{(when.Length > 0 ? $", {when}" : "")}]");
    private readonly Option<FileInfo?> _apiKeyFile = new("--api-key-file") { Description = "File whose first line is the server's API key", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_apiKeyFile);
    }

    public bool IsGiven(ParseResult parse) => parse.GetValue(_url) is not null;

    /// <exception cref="UsageException">The file has no key.</exception>
    public ServerClient Open(ParseResult parse) => new(parse.GetValue(_url) ?? s_default, ReadKey(parse));

    private string? ReadKey(ParseResult parse)
    {
        if (parse.GetValue(_apiKeyFile) is not { } file) return null;
        var key = File.ReadLines(file.FullName).FirstOrDefault()?.Trim();
        return string.IsNullOrEmpty(key) ? throw new UsageException($"--api-key-file needs a file whose first line is a key: {file.FullName} has none") : key;
    }
}

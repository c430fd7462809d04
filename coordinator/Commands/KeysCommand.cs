using System.CommandLine;
using System.Text;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster keys create NAME</c>: a fresh key for clients of <c>serve --api-keys</c>.</summary>
internal sealed class KeysCommand(Terminal terminal)
{
    private readonly Argument<string> _name = new("NAME") { Description = "Whom the key is for; ASCII letters, digits, '.', '_' and '-'" };

    private readonly Option<FileInfo?> _file = new("--file")
    {
        Description = "File to add its hash to [default: print the line]",
        HelpName = "FILE",
    };

    private readonly Option<int?> _requests = ArgumentParsers.WholeNumber("--requests-per-minute", "N", "Requests a minute at most [default: no limit]");
    private readonly Option<int?> _concurrent = ArgumentParsers.WholeNumber("--concurrent", "N", "Requests under way at most [default: no limit]");
    private readonly Option<int?> _context = ArgumentParsers.WholeNumber("--context", "N", "Tokens of one text at most [default: the model's context]");

    private readonly Option<Priority?> _priority = ArgumentParsers.OneOf(
        "--priority", "Share of a busy cluster: low is a quarter of normal, high four times [default: normal]",
        new Dictionary<string, Priority> { ["low"] = Priority.Low, ["normal"] = Priority.Normal, ["high"] = Priority.High });

    private readonly Option<bool> _admin = new("--admin") { Description = "The key may also change the cluster: 'cluster workers drain', 'remove', 'restore'" };

    public Command Build()
    {
        var create = new Command("create", "Print a fresh key, once; only its hash is kept") { _name, _file, _requests, _concurrent, _priority, _context, _admin };
        create.SetAction(Create);
        return new Command("keys", "Make API keys for 'cluster serve --api-keys FILE'") { create };
    }

    private int Create(ParseResult parse)
    {
        var name = parse.GetRequiredValue(_name);
        if (!ApiKeyFormat.IsName(name)) throw new UsageException($"'{name}' is no name for a key: up to 64 ASCII letters, digits, '.', '_' and '-'");

        var secret = KeyHash.CreateKey();
        var line = ApiKeyFormat.Write(new ApiKey(name, KeyHash.Of(secret))
        {
            RequestsPerMinute = parse.GetValue(_requests),
            Concurrent = parse.GetValue(_concurrent),
            Priority = parse.GetValue(_priority) ?? Priority.Normal,
            ContextLength = parse.GetValue(_context),
            IsAdmin = parse.GetValue(_admin),
        });
        if (parse.GetValue(_file) is { } file) Append(file.FullName, name, line);
        terminal.Out.WriteLine(secret);
        terminal.Error.WriteLine("This key is not shown again.");
        if (parse.GetValue(_file) is null) terminal.Out.WriteLine(line);
        return ExitCodes.Success;
    }

    private static void Append(string path, string name, string line)
    {
        if (File.Exists(path) && ApiKeyFormat.Read(path).Any(key => key.Name == name)) throw new ClusterException($"{path}: there is a '{name}' already");

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(path, options);

        // Whoever wrote the last line by hand may have left it open.
        var isOpen = false;
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            isOpen = stream.ReadByte() != '\n';
        }

        stream.Write(Encoding.UTF8.GetBytes($"{(isOpen ? "\n" : "")}{line}\n"));
    }
}

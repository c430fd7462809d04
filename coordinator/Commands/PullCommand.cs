using System.CommandLine;
using Cluster.Coordinator.Hub;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Resilience;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster pull</c>: fetches a model, goes on where the last try ended, and checks it.</summary>
internal sealed class PullCommand(Terminal terminal)
{
    private readonly Argument<HubReference> _model = new("MODEL")
    {
        Description = "hf:OWNER/NAME, or hf:OWNER/NAME:FILE where the repository has several; a part of the file's name will do, as in :Q4_K_M",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (HubReference.TryParse(text, out var reference)) return reference;
            result.AddError($"'{text}' is not of the form hf:OWNER/NAME or hf:OWNER/NAME:FILE");
            return null!;
        },
    };

    private readonly Option<string> _revision = new("--revision") { Description = "Branch, tag or commit", HelpName = "NAME", DefaultValueFactory = _ => "main" };
    private readonly Option<FileInfo?> _output = new("--output", "-o") { Description = "File to write [default: the user's cache folder, where --model hf:… finds it]", HelpName = "FILE" };

    public Command Build()
    {
        var command = new Command("pull", "Fetch a model from Hugging Face, or from the server that HF_ENDPOINT names; HF_TOKEN opens what is not public") { _model, _revision, _output };
        command.SetAction((parse, cancellationToken) => RunAsync(parse, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var reference = parse.GetRequiredValue(_model);
        var revision = parse.GetRequiredValue(_revision);
        using var hub = HubClient.FromEnvironment(TimeProvider.System);
        var file = HubFileChoice.Choose(reference, await ListAsync(hub, reference, revision, cancellationToken).ConfigureAwait(false));
        var path = parse.GetValue(_output)?.FullName ?? PulledModels.PathOf(reference.Repository, file.Path);
        if (File.Exists(path) && new FileInfo(path).Length == file.Size)
        {
            terminal.Error.WriteLine($"{file.Path} is here already");
        }
        else
        {
            terminal.Error.WriteLine($"{file.Path}, {ByteSize.Format(file.Size)}{(file.Sha256 is null ? "; the server tells no SHA-256 to check it by" : "")}");
            using var progress = ProgressBar.Start(terminal, true, Path.GetFileName(path));
            await new HubDownload(hub, reference.Repository, revision, file, path, TimeProvider.System).RunAsync(progress.Report, cancellationToken).ConfigureAwait(false);
        }

        terminal.Out.WriteLine(path);
        return ExitCodes.Success;
    }

    private static async Task<IReadOnlyList<HubFile>> ListAsync(HubClient hub, HubReference reference, string revision, CancellationToken cancellationToken)
    {
        try
        {
            return await CoordinatorPolicies.Transfer(TimeProvider.System)
                .ExecuteAsync(async token => await hub.ListAsync(reference.Repository, revision, token).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TransferException e)
        {
            throw new ClusterException(e.Message);
        }
    }
}

using System.CommandLine;
using Cluster.Model.Gguf;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster inspect FILE</c>: a model's metadata and tensors.</summary>
internal sealed class InspectCommand(Terminal terminal)
{
    private readonly Argument<FileInfo> _file = new("FILE") { Description = "GGUF file" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Build()
    {
        var command = new Command("inspect", "Show a model's metadata and tensors") { _file, _json };
        command.SetAction(parse =>
        {
            using var file = GgufFile.Open(parse.GetRequiredValue(_file).FullName);
            if (parse.GetValue(_json)) InspectReport.WriteJson(file, terminal.Out);
            else InspectReport.WriteTables(file, terminal.OutConsole());
            return ExitCodes.Success;
        });
        return command;
    }
}

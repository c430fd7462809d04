using System.CommandLine;

namespace Cluster.Coordinator.Commands;

/// <summary>All commands of the program.</summary>
internal static class CommandTree
{
    public static RootCommand Build(Terminal terminal) => new("Serves one large language model from several ordinary machines.")
    {
        new RunCommand(terminal).Build(),
        new ServeCommand(terminal).Build(),
        new ChatCommand(terminal).Build(),
        new WorkersCommand(terminal).Build(),
        new KeysCommand(terminal).Build(),
        new JoinTokenCommand(terminal).Build(),
        new CaCommand(terminal).Build(),
        new PerplexityCommand(terminal).Build(),
        new KvReportCommand(terminal).Build(),
        new BenchCommand(terminal).Build(),
        new PullCommand(terminal).Build(),
        new InspectCommand(terminal).Build(),
        new DevicesCommand(terminal).Build(),
        new PlanCommand(terminal).Build(),
        new SynthCommand(terminal).Build(),
    };
}

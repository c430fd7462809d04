using System.Globalization;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>The TCP ports that a process listens on, as Linux tells.</summary>
internal static class ListeningPorts
{
    private const string Listening = "0A";

    public static IReadOnlyList<int> Of(int processId)
    {
        var sockets = new HashSet<string>();
        foreach (var handle in Directory.EnumerateFiles($"/proc/{processId}/fd"))
        {
            // "socket:[INODE]"
            if (new FileInfo(handle).LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal)) sockets.Add(target["socket:[".Length..^1]);
        }

        return
        [
            .. new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{processId}/net/{table}").Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[3] == Listening && sockets.Contains(fields[9]))
                .Select(fields => int.Parse(fields[1].Split(':')[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                .Distinct(),
        ];
    }
}

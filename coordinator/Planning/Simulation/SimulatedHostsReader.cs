using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Simulation;

/// <summary>Reads a file of hosts; docs/planning.md says what is in it.</summary>
internal static class SimulatedHostsReader
{
    private static readonly string[] s_link = ["latency_us", "mbit_per_second"];

    /// <exception cref="FormatException">Something is not as it has to be.</exception>
    public static SimulatedHosts Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(new StrictObject(document.RootElement, "", "hosts", "link", "links"));
        }
        catch (JsonException e)
        {
            throw new FormatException($"line {e.LineNumber + 1} is no JSON");
        }
    }

    private static SimulatedHosts Read(StrictObject root)
    {
        var links = new LinkTable(root.Find("link") is { } link ? ReadLink(link, "link") : Link.Gigabit);
        var members = ImmutableArray.CreateBuilder<Member>();
        var names = new HashSet<string>();
        foreach (var (element, path) in root.Items("hosts", isRequired: true)) ReadHosts(element, path, members, names, links);
        if (members.Count == 0) throw new FormatException("hosts is empty");

        foreach (var (element, path) in root.Items("links", isRequired: false))
        {
            var between = new StrictObject(element, path, ["between", .. s_link]);
            string[] ends = [.. between.Items("between", isRequired: true).Select(end => end.Element.ValueKind == JsonValueKind.String ? end.Element.GetString()! : "")];
            if (ends.Length != 2 || !ends.All(names.Contains)) throw new FormatException($"{path}.between is not two names of hosts");
            links.SetPair(ends[0], ends[1], ReadLink(between));
        }

        return new SimulatedHosts(new MembershipSnapshot(1, members.ToImmutable()), links);
    }

    private static void ReadHosts(JsonElement element, string path, ImmutableArray<Member>.Builder members, HashSet<string> names, LinkTable links)
    {
        var host = new StrictObject(element, path, "name", "count", "memory", "read_gb_per_second", "gmacs_per_second", "link");
        var name = host.Text("name");
        var count = host.WholeNumber("count", 1, SimulatedHosts.MostHosts, otherwise: 1);
        if (members.Count + count > SimulatedHosts.MostHosts) throw new FormatException($"{path}: there are more than {SimulatedHosts.MostHosts} hosts");

        var memory = ByteSize.Parse(host.Text("memory")) ?? throw new FormatException($"{path}.memory is not an amount of memory such as 16GiB");
        var device = new MemberDevice("cpu", "", "", 0, (ulong)memory)
        {
            ReadBytesPerSecond = host.Number("read_gb_per_second", 0.001) * 1e9,
            MultiplyAddsPerSecond = host.Number("gmacs_per_second", 0.001) * 1e9,
        };
        for (var i = 1; i <= count; i++)
        {
            var own = count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
            if (!names.Add(own)) throw new FormatException($"{path}: the name {own} is taken");
            links.SetGroup(own, name);
            members.Add(new Member { Name = own, Address = $"{own}:7071", Version = "", ProcessId = 0, Device = device, JoinedAt = default });
        }

        if (count > 1 && !names.Add(name)) throw new FormatException($"{path}: the name {name} is taken");
        if (host.Find("link") is { } link) links.SetEnd(name, ReadLink(link, $"{path}.link"));
    }

    private static Link ReadLink(JsonElement element, string path) => ReadLink(new StrictObject(element, path, s_link));

    private static Link ReadLink(StrictObject link) => new(link.Number("latency_us", 0) / 1e6, link.Number("mbit_per_second", 0.001) * 1e6 / 8);
}

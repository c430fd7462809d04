using System.Text;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Planning.Simulation;

namespace Cluster.Coordinator.Tests.Planning.Simulation;

public sealed class SimulatedHostsReaderTests
{
    private const string Host = """{"name": "a", "memory": "1GiB", "read_gb_per_second": 1, "gmacs_per_second": 1}""";

    [Fact]
    public void Hosts_groups_and_links_are_read()
    {
        var hosts = Read("""
            {"link": {"latency_us": 50, "mbit_per_second": 8000},
             "hosts": [{"name": "big", "memory": "32GiB", "read_gb_per_second": 40.5, "gmacs_per_second": 320},
                       {"name": "pi", "count": 2, "memory": "8GiB", "read_gb_per_second": 6, "gmacs_per_second": 30, "link": {"latency_us": 200, "mbit_per_second": 80}}],
             "links": [{"between": ["pi", "big"], "latency_us": 1000, "mbit_per_second": 16}]}
            """);
        var members = hosts.Members.Members;
        Assert.Equal(["big", "pi-1", "pi-2"], members.Select(member => member.Name));
        Assert.Equal((40.5e9, 320e9, 32UL << 30), (members[0].Device.ReadBytesPerSecond, members[0].Device.MultiplyAddsPerSecond, members[0].Device.MemoryBytes));
        Assert.Equal((new Link(200e-6, 10e6), new Link(1e-3, 2e6)), (hosts.Links.Between(members[1], members[2]), hosts.Links.Between(members[0], members[2])));
    }

    [Theory]
    [InlineData("[", "line 1 is no JSON")]
    [InlineData("[]", "it is not an object")]
    [InlineData("{}", "hosts is missing")]
    [InlineData("""{"hosts": []}""", "hosts is empty")]
    [InlineData("""{"hosts": 3}""", "hosts is not an array")]
    [InlineData("""{"hosts": [$], "colour": 1}""", "colour is not known; there can be hosts, link, links")]
    [InlineData("""{"hosts": [$, $]}""", "hosts[1]: the name a is taken")]
    [InlineData("""{"hosts": [{"name": "a"}]}""", "hosts[0].memory is missing")]
    [InlineData("""{"hosts": [{"name": "a", "memory": "lots"}]}""", "hosts[0].memory is not an amount of memory such as 16GiB")]
    [InlineData("""{"hosts": [{"name": "a", "name": "b"}]}""", "hosts[0].name is there twice")]
    [InlineData("""{"hosts": [{"name": "a", "count": 1001}]}""", "hosts[0].count is not a whole number from 1 to 1000")]
    [InlineData("""{"hosts": [{"name": "a", "memory": "1G", "read_gb_per_second": 0}]}""", "hosts[0].read_gb_per_second is not a number from 0.001 to 1e12")]
    [InlineData("""{"hosts": [$], "link": {"latency_us": -1}}""", "link.latency_us is not a number from 0 to 1e12")]
    [InlineData("""{"hosts": [$], "links": [{"between": ["a", "b"]}]}""", "links[0].between is not two names of hosts")]
    public void What_is_wrong_is_told_with_its_place(string json, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => Read(json.Replace("$", Host, StringComparison.Ordinal))).Message);

    private static SimulatedHosts Read(string json) => SimulatedHostsReader.Read(Encoding.UTF8.GetBytes(json));
}

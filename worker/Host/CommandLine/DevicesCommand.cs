using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Cluster.Worker.Hosting;

namespace Cluster.Worker.CommandLine;

/// <summary><c>cluster-worker devices</c>: what <c>--device</c> can name on this machine.</summary>
internal sealed class DevicesCommand(TextWriter output)
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Build()
    {
        var command = new Command("devices", "List the devices of this machine") { _json };
        command.SetAction(parse => Write(parse.GetValue(_json)));
        return command;
    }

    private void Write(bool json)
    {
        var kinds = DeviceCatalog.List().ToArray();
        if (json) WriteJson(kinds);
        else WriteLines(kinds);
    }

    private void WriteLines(DeviceListing[] kinds)
    {
        foreach (var kind in kinds)
        {
            foreach (var device in kind.Devices)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Id,-8} {device.Name} ({device.Kernels}), {device.MemoryBytes / (double)(1 << 30):0.0} GiB free"));
            }

            if (kind.Groups is { } groups) output.WriteLine($"{kind.Kind,-8} {groups}");
            if (kind.Unavailable is { } reason) output.WriteLine($"{kind.Kind,-8} not available: {reason}");
        }
    }

    private void WriteJson(DeviceListing[] kinds)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("devices");
            foreach (var device in kinds.SelectMany(kind => kind.Devices))
            {
                json.WriteStartObject();
                json.WriteString("id", device.Id);
                json.WriteString("name", device.Name);
                json.WriteString("kernels", device.Kernels);
                json.WriteNumber("threads", device.Threads);
                json.WriteNumber("memory_bytes", device.MemoryBytes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("unavailable");
            foreach (var kind in kinds)
            {
                if (kind.Unavailable is { } reason) json.WriteString(kind.Kind, reason);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }
}

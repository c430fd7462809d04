using System.CommandLine;
using System.Globalization;
using Cluster.Coordinator.Telemetry;

namespace Cluster.Coordinator.Commands;

/// <summary>The options that say to whom metrics and traces are sent.</summary>
internal sealed class TelemetryOptionSet
{
    private readonly Option<Uri?> _endpoint = ArgumentParsers.Url(
        "--otlp-endpoint", "Send metrics and traces to this OpenTelemetry collector, by http/protobuf [default: OTEL_EXPORTER_OTLP_ENDPOINT, else off]");

    private readonly Option<float?> _sample = ArgumentParsers.Number("--trace-sample", "PART", "Part of the requests that are traced, 0 to 1 [default: 1]");

    public void AddTo(Command command)
    {
        command.Add(_endpoint);
        command.Add(_sample);
    }

    /// <returns>Null where nothing is sent.</returns>
    /// <exception cref="UsageException">The part is none.</exception>
    public OtlpOptions? Read(ParseResult parse)
    {
        var part = parse.GetValue(_sample);
        if (part is < 0 or > 1) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--trace-sample needs a number from 0 to 1, not {part}"));
        return OtlpOptions.Choose(parse.GetValue(_endpoint), part);
    }
}

using System.Collections.Concurrent;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>The services of an application, and what their methods share.</summary>
internal sealed class MethodRegistry(IOptions<GrpcServiceOptions> options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<string, bool> _services = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<IEndpointRouteBuilder, bool> _fallbacks = new();

    public GrpcServiceOptions Options => options.Value;

    public TimeProvider Time => time;

    public ILogger Logger { get; } = loggers.CreateLogger("Grpc.AspNetCore.Server");

    public bool IsKnown(string service) => _services.ContainsKey(service);

    public void Add(string service) => _services.TryAdd(service, true);

    /// <summary>True once for each builder: its endpoint for what is not implemented is still to be made.</summary>
    public bool TryAddFallback(IEndpointRouteBuilder endpoints) => _fallbacks.TryAdd(endpoints, true);
}

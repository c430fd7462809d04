namespace Cluster.Worker.Collectives.Channels;

/// <summary>TLS wants a record that has not come: it goes on with it later.</summary>
internal sealed class NoRecordException() : IOException("no record has come yet");

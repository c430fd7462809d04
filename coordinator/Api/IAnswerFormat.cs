using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>How an endpoint writes its texts.</summary>
internal interface IAnswerFormat
{
    /// <summary>What OpenTelemetry's conventions call such requests.</summary>
    string OperationName { get; }

    string IdPrefix { get; }

    /// <summary>What the whole answer says it is.</summary>
    string ObjectName { get; }

    /// <summary>What each event of a stream says it is.</summary>
    string ChunkName { get; }

    /// <summary>Whether an event begins each text of a stream before anything is written.</summary>
    bool HasBeginning { get; }

    /// <summary>Members of the choice of that event.</summary>
    void WriteBeginning(Utf8JsonWriter json);

    /// <summary>Members of a choice of a stream besides its index and the reason for its end.</summary>
    void WriteChunk(Utf8JsonWriter json, AnswerPart part);

    /// <summary>Members of a choice with its whole text.</summary>
    void WriteWhole(Utf8JsonWriter json, AnswerPart whole);
}

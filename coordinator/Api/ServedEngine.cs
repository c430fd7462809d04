using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Slots;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>What requests are answered with.</summary>
/// <param name="ModelName">What clients call the model.</param>
/// <param name="Engine">The engine that continues their texts.</param>
/// <param name="ChatPrompts">Makes prompts of conversations.</param>
/// <param name="ReadySince">When it became ready.</param>
/// <param name="Slots">The texts that were continued of late.</param>
/// <param name="SlotFiles">Saves and restores them; null where that is off.</param>
internal sealed record ServedEngine(string ModelName, InferenceEngine Engine, ChatPrompts ChatPrompts, DateTimeOffset ReadySince, SlotTable Slots, SlotFiles? SlotFiles)
{
    /// <exception cref="ApiException">The client asks for another model.</exception>
    public void RequireModel(string? name)
    {
        if (name is not null && name != ModelName)
            throw new ApiException(new ApiError(StatusCodes.Status404NotFound, $"The model '{name}' does not exist; this server has '{ModelName}'.", "model", "model_not_found"));
    }
}
